// The source of the directory: a file, or Kubernetes and EC2.
import { readFileSync, statSync } from 'node:fs';
import { type Directory, EMPTY_DIRECTORY } from '../core/model/directory.ts';
import type { DirectorySource, PendingDirectory, SourceHealth } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { datedDirectory } from './dated-directory.ts';
import { describeError } from './describe-error.ts';
import { parseDirectoryFile } from './file.ts';
import type { LiveSource } from './live.ts';
import { createOwnerIndex } from './owner-index.ts';

const UNKNOWN_HEALTH = { ageMs: undefined, size: 0, errors: 1, late: false };

const NOT_VERIFIED =
  'look-ups are refused, because NODE_TLS_REJECT_UNAUTHORIZED=0 switches the verification of certificates off: remove the variable';

/** The configured source. Reads and connects to nothing before the first `begin`; budgets are measured by `timing`. */
export function createDirectorySource(settings: Settings, timing: Clock = SYSTEM_CLOCK): DirectorySource {
  if (settings.directoryFile !== undefined) return createFileSource(settings.directoryFile, settings);
  const isLive = hasClusters(settings) || settings.ec2Lookup;
  if (isLive && !settings.verifiesCertificates) return REFUSED;
  if (isLive) return createLazySource(settings, timing);
  return { begin: () => ({ lookup: async () => EMPTY_DIRECTORY, health: () => [] }) };
}

/** Instead of live look-ups whose servers anybody could replace. */
const REFUSED: DirectorySource = {
  begin: () => ({
    lookup: async () => EMPTY_DIRECTORY,
    health: () => [{ ...UNKNOWN_HEALTH, source: 'live', lastError: NOT_VERIFIED }],
  }),
};

/** Whether there may be clusters: those of the settings, or those that readers tell of. */
const hasClusters = ({ clusters, stateBucket }: Settings): boolean =>
  clusters.length > 0 || stateBucket !== undefined;

/** Loads the adapters (and with them TLS) only when a cluster is configured, or a record has an EC2 look-up key. */
function createLazySource(settings: Settings, timing: Clock): DirectorySource {
  let loading: Promise<LiveSource> | undefined;
  const load = async (): Promise<LiveSource> => {
    loading ??= import('./live.ts').then(({ createLiveSource }) => createLiveSource(settings, timing));
    return loading;
  };
  return {
    begin: (nowMs, ownAccountId, task) => {
      const startedMs = timing.nowMs();
      const clock = () => nowMs + timing.nowMs() - startedMs;
      const start = async () => (await load()).begin(clock, ownAccountId, task);
      const begun = hasClusters(settings) ? start() : undefined;
      // `lookup` handles the error; without a `lookup` it must not become an unhandled rejection.
      begun?.catch(() => {});
      let health: PendingDirectory['health'] = () => [];
      return {
        lookup: async (keys, limitMs) => {
          if (begun === undefined && keys.vpcs.length === 0) return EMPTY_DIRECTORY;
          try {
            const pending = await (begun ?? start());
            health = pending.health;
            return await pending.lookup(keys, limitMs);
          } catch (error) {
            health = () => [{ ...UNKNOWN_HEALTH, source: 'live', lastError: describeError(error) }];
            return EMPTY_DIRECTORY;
          }
        },
        health: () => health(),
      };
    },
  };
}

/** Reads the file once, at the first `begin`; relative paths start at the working directory. */
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

/** Larger than what kubectl prints of 15,000 pods. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

/** The text of a file: UTF-8, or UTF-16 as PowerShell writes it. */
function readText(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES)
    throw new Error('the file has more than 256 MiB; make-directory writes a smaller one');
  const bytes = readFileSync(path);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

function loadFile(path: string, settings: Settings): LoadedFile {
  try {
    const file = parseDirectoryFile(JSON.parse(readText(path)), settings);
    if (!file.ok) return { directory: EMPTY_DIRECTORY, size: 0, fault: `DIRECTORY_FILE: ${file.faults}` };
    const owners = file.clusters.reduce((sum, { pods, nodes }) => sum + pods.size() + nodes.size(), 0);
    const index = createOwnerIndex(file.clusters, file.instances);
    const directory = file.takenAtMs === undefined ? index : datedDirectory(index, file.takenAtMs);
    return { directory, size: owners + file.instances.size(), fault: undefined };
  } catch (error) {
    return { directory: EMPTY_DIRECTORY, size: 0, fault: `DIRECTORY_FILE: ${describeError(error)}` };
  }
}
