// Settings objects of Dynatrace, as `POST /api/v2/settings/objects` takes them.

/** A settings object of the environment. */
export const settingsObject = (schemaId: string, value: unknown): Record<string, unknown> => ({
  schemaId,
  scope: 'environment',
  value,
});

/** The pipeline's settings object; every file with stages of it has the same identity. */
export const pipelineObject = (stages: Record<string, { processors: readonly unknown[] }>): unknown[] => [
  settingsObject('builtin:openpipeline.logs.pipelines', {
    customId: 'pipeline_eks_dns',
    displayName: 'EKS DNS',
    ...stages,
  }),
];

/** A field that keeps its name. */
export const fieldEntry = (name: string): Record<string, unknown> => ({
  extractionType: 'field',
  sourceFieldName: name,
  destinationFieldName: name,
});

/** A field with a fixed value. */
export const constantEntry = (name: string, value: string): Record<string, unknown> => ({
  extractionType: 'constant',
  constantFieldName: name,
  constantValue: value,
});
