import { describeContract } from './contract.ts';

describe('the memory engine', () => {
  describeContract({
    settings: () => ({ engine: 'memory' }),
    dataFolder: () => '/nonexistent',
    outlivesHost: false,
  });
});
