import type { UsageSpan } from '~/api/queries';
import type { Usage } from '~/api/types';
import { offsetAt, startOf } from '~/text/zone';

const day = 86_400;

export const spans: Record<UsageSpan, { step: number; steps: number }> = {
  hour: { step: 60, steps: 60 },
  day: { step: 3600, steps: 24 },
  week: { step: 3600, steps: 168 },
  quarter: { step: day, steps: 90 },
};

// stepOf numbers the step that an instant lies in. Minutes and hours are those that the node counts in; days begin
// when they do in the person's zone, and have 23 or 25 hours where its clocks are changed.
const stepOf = (time: string, step: number) =>
  Math.floor((Date.parse(time) / 1000 + (step === day ? offsetAt(time) * 60 : 0)) / step);

// startOfStep is when a step begins, in seconds since 1970.
const startOfStep = (number: number, step: number) =>
  step === day ? startOf(new Date(number * day * 1000).toISOString().slice(0, 10)) / 1000 : number * step;

// series spreads what was counted over the steps up to now; one without requests is a zero.
export function series(usage: Usage, span: UsageSpan) {
  const { step, steps } = spans[span];
  const first = stepOf(usage.as_of, step) - steps + 1;
  const times = Array.from({ length: steps }, (_, i) => startOfStep(first + i, step));
  const accepted = times.map(() => 0);
  const refused = times.map(() => 0);
  for (const one of usage.steps) {
    const at = stepOf(one.start, step) - first;
    if (at >= 0 && at < steps) {
      accepted[at]! += one.accepted;
      refused[at]! += one.refused;
    }
  }
  return { times, accepted, refused };
}
