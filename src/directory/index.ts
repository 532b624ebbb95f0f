// Where owners of addresses are known from: a file, or Kubernetes and EC2 (design section 5).
import { readFileSync } from 'node:fs';
import { type Directory, EMPTY_DIRECTORY } from '../model/directory.ts';
import type { DirectorySource, SourceHealth } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { describeError } from './describe-error.ts';
import { parseDirectoryFile } from './file.ts';
import { createOwnerIndex } from './owner-index.ts';

/** The directory that the settings ask for. Reads and connects to nothing before the first `begin`. */
export function createDirectorySource(settings: Settings): DirectorySource {
  if (settings.directoryFile !== undefined) return createFileSource(settings.directoryFile, settings);
  return { begin: () => ({ lookup: async () => EMPTY_DIRECTORY, health: () => [] }) };
}

/** Reads the file once, at the first `begin`; a relative path is taken from the working directory. */
function createFileSource(path: string, settings: Settings): DirectorySource {
  let loaded: ReturnType<typeof loadFile> | undefined;
  return {
    begin: () => {
      const isFirst = loaded === undefined;
      loaded ??= loadFile(path, settings);
      const { directory, size, fault } = loaded;
      const health: SourceHealth = {
        source: 'file',
        ageMs: fault === undefined ? 0 : undefined,
        size,
        errors: fault !== undefined && isFirst ? 1 : 0,
        late: false,
        lastError: fault,
      };
      return { lookup: async () => directory, health: () => [health] };
    },
  };
}

type LoadedFile = {
  readonly directory: Directory;
  readonly size: number;
  readonly fault: string | undefined;
};

function loadFile(path: string, settings: Settings): LoadedFile {
  try {
    const file = parseDirectoryFile(JSON.parse(readFileSync(path, 'utf8')), settings);
    if (!file.ok) return { directory: EMPTY_DIRECTORY, size: 0, fault: `DIRECTORY_FILE: ${file.faults}` };
    const owners = file.clusters.reduce((sum, { pods, nodes }) => sum + pods.size() + nodes.size(), 0);
    const directory = createOwnerIndex(file.clusters, file.instances);
    return { directory, size: owners + file.instances.size(), fault: undefined };
  } catch (error) {
    return { directory: EMPTY_DIRECTORY, size: 0, fault: `DIRECTORY_FILE: ${describeError(error)}` };
  }
}
