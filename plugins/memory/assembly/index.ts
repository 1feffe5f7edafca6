import { serve } from '../../lib/assembly/serve';
import { MemoryBackend } from './memory-backend';

export * from '../../lib/assembly/queriable-state-store';
export * from '../../lib/assembly/state-store';

serve(new MemoryBackend());
