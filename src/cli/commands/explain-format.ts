import { Command } from 'commander';
import { explainFormat } from '../lib/coredns-format/index.ts';
import { EXIT, print, printJson } from '../terminal.ts';

/**
 * `eks-dns explain-format '"{combined} {/log/type}"'`: the attributes of a CoreDNS `log` FORMAT, and whether it can be
 * parsed.
 */
export function explainFormatCommand(): Command {
  return new Command('explain-format')
    .description("show what a FORMAT of CoreDNS's log plugin provides and omits, and whether it is ambiguous")
    .argument('<format>', "the FORMAT as in the Corefile, e.g. '{combined} {/kubernetes/client-pod-name}'")
    .option('--json', 'print the explanation as JSON')
    .action((format: string, { json }: { readonly json?: true }) => {
      const { text, isReadable, ...explanation } = explainFormat(format);
      if (json) printJson({ readable: isReadable, ...explanation });
      else print(text);
      if (!isReadable) process.exitCode = EXIT.failed;
    });
}
