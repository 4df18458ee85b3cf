import type { Pipeline } from './pipeline.ts';
import { flattenSteps } from './step.ts';
import type { GetStep } from './step.ts';

/** What `fly validate-pipeline` refuses beyond keys and types: names that repeat, dangle or are never used. */
export function validatePipeline(pipeline: Pipeline): string[] {
  const { jobs, resources } = pipeline;
  return [
    ...(jobs.length === 0 ? ['jobs: pipeline must contain at least one job'] : []),
    ...repeated('resources', resources),
    ...repeated('resource_types', pipeline.resourceTypes),
    ...repeated('jobs', jobs),
    ...resources
      .filter(({ name }) => !jobs.some((job) => uses(job, name)))
      .map(({ name }) => `resource '${name}' is not used`),
    ...jobs.flatMap((job) => validateJob(pipeline, job)),
  ];
}

type Job = Pipeline['jobs'][number];

function validateJob(pipeline: Pipeline, job: Job): string[] {
  const steps = flattenSteps(job.plan);
  const gets = steps.filter((step) => step.kind === 'get');
  const unknown = steps
    .filter((step) => step.kind === 'get' || step.kind === 'put')
    .filter((step) => !pipeline.resources.some(({ name }) => name === step.resource))
    .map((step) => `.${step.kind}(${step.name}): unknown resource '${step.resource}'`);
  const names = repeated('', gets).map(() => ': repeated name of a get');
  return [...unknown, ...names, ...gets.flatMap((get) => validatePassed(pipeline, get))].map(
    (problem) => `jobs.${job.name}.plan${problem}`,
  );
}

function validatePassed(pipeline: Pipeline, get: GetStep): string[] {
  return get.passed.flatMap((passed) => {
    const job = pipeline.jobs.find(({ name }) => name === passed);
    if (!job) return [`.get(${get.name}).passed: unknown job '${passed}'`];
    if (uses(job, get.resource)) return [];
    return [`.get(${get.name}).passed: job '${passed}' does not interact with resource '${get.resource}'`];
  });
}

function uses(job: Job, resource: string): boolean {
  return flattenSteps(job.plan).some(
    (step) => (step.kind === 'get' || step.kind === 'put') && step.resource === resource,
  );
}

function repeated(section: string, named: readonly { readonly name: string }[]): string[] {
  const names = named.map(({ name }) => name);
  return names
    .filter((name, index) => names.indexOf(name) < index)
    .map((name) => `${section}: two have the same name ('${name}')`);
}
