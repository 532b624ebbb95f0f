// The transform over the cluster of a workload.
import type { Transform } from '../../src/core/pipeline/transform.ts';
import { STEP_MS, type Workload } from './batches.ts';
import { createLivingDirectory } from './living.ts';
import { createBenchTransform, transformWith } from './setup.ts';

/** The transform for batches of `eventsPerBatch` events, one after another in time. */
export function createWorkloadTransform(workload: Workload, eventsPerBatch: number): Transform {
  const { pods, annotations, isLiving = false } = workload;
  const { transform, settings } = createBenchTransform(pods, {}, annotations);
  return isLiving
    ? transformWith(settings, createLivingDirectory(pods, eventsPerBatch * STEP_MS))
    : transform;
}
