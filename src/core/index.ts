// The entry of core: the pipeline with its fast path. Everything that transforms Firehose events starts here.
import { createFastPath } from './fast-path/index.ts';
import type { Settings } from './model/settings.ts';
import { createPipeline, type PipelinePorts, type Transform } from './pipeline/transform.ts';

/** Creates the transformation for a configuration. Without the argument `createFastPath(settings)` it has the same results, slower. */
export const createTransform = (settings: Settings, ports: PipelinePorts): Transform =>
  createPipeline(settings, ports, createFastPath(settings));
