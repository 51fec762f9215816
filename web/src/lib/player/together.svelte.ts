/** A player in a group: keeps it where the group is, and asks the group instead of itself. */
import { onPlayerEvent } from '$lib/api/player-events';
import { createGroup, leaveGroup, moveGroup, reportToGroup } from '$lib/api/queries/playing';
import type { Group, GroupMove } from '$lib/api/types';
import type { Player } from './player.svelte';
import { keepWith, ServerClock } from './together';

const LOOK_EVERY_MS = 100;
const REPORT_EVERY_MS = 2_000;
/** A player that jumped needs a moment before it can be judged again. */
const AFTER_JUMP_MS = 1_200;
/** What loads for a shorter time than this stops nobody else. */
const STALL_MS = 700;

export class Together {
  group = $state.raw<Group>();

  readonly #player: Player;
  readonly #itemId: string;
  readonly #playId: string;
  readonly #onlost: () => void;
  readonly #clock = new ServerClock();
  #stop: (() => void) | undefined;
  #reportedAt = -Infinity;
  #wasReady = false;
  #readyAt = -Infinity;
  #jumpedAt = -Infinity;
  #isReporting = false;

  constructor(player: Player, itemId: string, playId: string, onlost: () => void) {
    this.#player = player;
    this.#itemId = itemId;
    this.#playId = playId;
    this.#onlost = onlost;
  }

  /** Makes a group around this player. */
  async start() {
    const { positionMs } = this.#player.moment;
    const asked = now();
    const group = await createGroup(this.#itemId, this.#playId, positionMs, !this.#player.isPaused);
    this.#begin(group, asked);
  }

  /** Comes to a group that there is. */
  async join(id: string) {
    const report = { position_ms: Math.round(this.#player.moment.positionMs), is_ready: false };
    const asked = now();
    this.#begin(await reportToGroup(id, this.#playId, report), asked);
  }

  /** Goes on alone from where it is. */
  leave() {
    const id = this.group?.id;
    this.#end();
    if (id) void leaveGroup(id, this.#playId).catch(() => undefined);
  }

  #begin(group: Group, asked: number) {
    this.#take(group, asked);
    if (this.#stop) return;
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    const deaf = onPlayerEvent('group.changed', ({ group_id }) => {
      if (group_id === this.group?.id) void this.#report();
    });
    this.#player.guide = {
      toggle: () => this.#move({ action: this.group?.is_wanted ? 'pause' : 'play' }),
      seekTo: (ms) => this.#move({ action: 'seek', position_ms: Math.round(ms) }),
    };
    this.#stop = () => {
      clearInterval(timer);
      deaf();
    };
  }

  #end() {
    this.#stop?.();
    this.#stop = undefined;
    this.group = undefined;
    this.#player.guide = undefined;
    this.#player.setRate(1);
  }

  #take(group: Group, asked: number) {
    this.#clock.hear(group.now_ms, asked, now());
    this.group = group;
  }

  /** Looks where the player is and where it is to be. */
  #look() {
    const group = this.group;
    if (!group) return;
    const local = now();
    const { positionMs, canPlay } = this.#player.moment;
    const step = keepWith(group, this.#clock.now(local), positionMs);
    const isSettled = local - this.#jumpedAt > AFTER_JUMP_MS;
    if (step.jumpMs !== undefined && (isSettled || !step.runs)) {
      this.#jumpedAt = local;
      this.#player.jump(step.jumpMs);
    }
    if (step.runs && this.#player.isPaused) this.#player.go();
    if (!step.runs && !this.#player.isPaused) this.#player.hold();
    if (this.#player.rate !== step.rate) this.#player.setRate(step.rate);

    const isThere = canPlay && (step.runs || step.jumpMs === undefined);
    if (isThere) this.#readyAt = local;
    const isReady = isThere || (step.runs && local - this.#readyAt < STALL_MS);
    if (isReady !== this.#wasReady || local - this.#reportedAt > REPORT_EVERY_MS) {
      this.#wasReady = isReady;
      void this.#report();
    }
  }

  async #report() {
    const id = this.group?.id;
    if (!id || this.#isReporting) return;
    this.#isReporting = true;
    const asked = now();
    this.#reportedAt = asked;
    const report = {
      position_ms: Math.round(this.#player.moment.positionMs),
      is_ready: this.#wasReady,
    };
    await this.#ask(() => reportToGroup(id, this.#playId, report), asked);
    this.#isReporting = false;
  }

  #move(step: Omit<GroupMove, 'play_id'>) {
    const id = this.group?.id;
    if (!id) return;
    void this.#ask(() => moveGroup(id, { ...step, play_id: this.#playId }), now());
  }

  async #ask(ask: () => Promise<Group>, asked: number) {
    try {
      const group = await ask();
      if (this.group?.id === group.id) this.#take(group, asked);
    } catch (error) {
      // An answer that did not come is made up for by the next one.
      if (!isGone(error)) return;
      if (!this.group) return;
      this.#end();
      this.#onlost();
    }
  }
}

/** Milliseconds of this machine's clock, without the jumps of its calendar. */
const now = () => performance.timeOrigin + performance.now();

const isGone = (error: unknown) =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 404;
