import { AbstractActor, Temporal } from '@dapr/dapr';
import { gate } from './gate.mjs';

/** An actor that counts calls and reminders; Dapr saves its state after each method. */
export class Counter extends AbstractActor {
  async #count(name) {
    const state = this.getStateManager();
    const [found, before] = await state.tryGetState(name);
    const count = (found ? before : 0) + 1;
    await state.setState(name, count);
    return count;
  }

  /** Gives the number of calls, this one included. */
  async add() {
    return { count: await this.#count('calls') };
  }

  /** Asks for a reminder every second. */
  async remindMe() {
    const second = Temporal.Duration.from({ seconds: 1 });
    await this.registerActorReminder('every-second', second, second);
    return {};
  }

  async forgetMe() {
    await this.unregisterActorReminder('every-second');
    return {};
  }

  async receiveReminder() {
    await gate(`reminder-${await this.#count('reminders')}`);
  }
}
