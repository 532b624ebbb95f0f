/** Placeholder until the pipeline stands. */
export async function handler(): Promise<{ records: [] }> {
  return { records: [] };
}
