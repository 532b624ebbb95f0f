import type { Answers } from './calls-stub.ts';

type Query = {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string } };
};

/** GetMetricData responses with these values by metric name; other metrics have no data. */
export const metricsOf = (values: Readonly<Record<string, number>>): Answers => ({
  GetMetricData: ({ MetricDataQueries }) => ({
    MetricDataResults: (MetricDataQueries as Query[]).map(({ Id, MetricStat }) => {
      const value = values[MetricStat.Metric.MetricName];
      return { Id, Values: value === undefined ? [] : [value] };
    }),
  }),
});
