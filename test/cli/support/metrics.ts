import type { Answers } from './calls-stub.ts';

type Query = {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string } };
};

/** CloudWatch as if every metric had these values, by its name; those that are left out have no data. */
export const metricsOf = (values: Readonly<Record<string, number>>): Answers => ({
  GetMetricData: ({ MetricDataQueries }) => ({
    MetricDataResults: (MetricDataQueries as Query[]).map(({ Id, MetricStat }) => {
      const value = values[MetricStat.Metric.MetricName];
      return { Id, Values: value === undefined ? [] : [value] };
    }),
  }),
});
