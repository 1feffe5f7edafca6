import { gate } from './gate.mjs';

/** An activity: passes the test's gate for its step and gives the step's square. */
export async function square(_context, step) {
  await gate(`step-${step}`);
  return step * step;
}

/** A workflow of as many activities in a row as it is asked for; gives the sum of what they gave. */
export async function* steps(context, count) {
  let sum = 0;
  for (let step = 1; step <= count; step += 1) {
    sum += yield context.callActivity(square, step);
  }
  return sum;
}
