// A function that drops everything.
export const handler = async ({ records }) => ({
  records: records.map(({ recordId }) => ({ recordId, result: 'Dropped' })),
});
