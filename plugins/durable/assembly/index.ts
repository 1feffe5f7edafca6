import { serve } from '../../lib/assembly/serve';
import { KvBackend } from './kv-backend';

export * from '../../lib/assembly/queriable-state-store';
export * from '../../lib/assembly/state-store';

serve(new KvBackend());
