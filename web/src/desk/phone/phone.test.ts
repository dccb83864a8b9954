import { beforeEach, describe, expect, it } from 'vitest';

import { FakeCall, FakeWorld, lookedAt, settled } from './fakes';
import { PATIENCE, RETRY } from './line.svelte';
import { OUTLIVES, Phone } from './phone.svelte';
import { LOOK_EVERY } from './quality';

let world: FakeWorld;
let phone: Phone;

async function registered(): Promise<() => void> {
  const stop = phone.start();
  await settled();
  world.events?.registered();
  return stop;
}

async function rung(contact = ''): Promise<FakeCall> {
  const call = new FakeCall(contact);
  world.events?.invited(call);
  await settled();
  return call;
}

async function talking(contact = ''): Promise<FakeCall> {
  const call = await rung(contact);
  await phone.answer();
  call.connect();
  await settled();
  return call;
}

beforeEach(() => {
  world = new FakeWorld();
  phone = new Phone(world);
});

describe('the line', () => {
  it('connects and registers', async () => {
    const stop = phone.start();
    expect(phone.line.state).toBe('connecting');
    await settled();
    world.events?.registered();
    expect(phone.line.state).toBe('registered');
    stop();
    expect([phone.line.state, world.stopped]).toEqual(['off', true]);
  });

  it('is a hiccup before it is a trouble', async () => {
    await registered();
    world.events?.lost();
    await world.pass(PATIENCE - 1);
    expect([phone.line.state, phone.line.late]).toEqual(['connecting', false]);
    await world.pass(1);
    expect(phone.line.late).toBe(true);
    world.events?.registered();
    expect([phone.line.state, phone.line.late]).toEqual(['registered', false]);
  });

  it('is tried again and again when it is refused', async () => {
    phone.start();
    await settled();
    world.events?.refused();
    expect([phone.line.state, phone.line.late]).toEqual(['failed', true]);
    await world.pass(3 * RETRY);
    expect(world.checks).toBe(3);
    world.events?.registered();
    expect(phone.line.late).toBe(false);
    await world.pass(3 * RETRY);
    expect(world.checks).toBe(3);
  });

  it('waits for an account that cannot be had yet', async () => {
    world.noAccount = true;
    phone.start();
    await world.pass(2 * RETRY);
    expect([phone.line.state, phone.line.late]).toEqual(['connecting', true]);
    world.noAccount = false;
    await world.pass(RETRY);
    expect(world.connections).toBe(1);
  });

  it('is made once, whatever asks for it', async () => {
    phone.start();
    phone.line.check();
    await settled();
    expect(world.connections).toBe(1);
    phone.line.check();
    expect([world.connections, world.checks]).toEqual([1, 1]);
  });

  it('stays down once the desk is left', async () => {
    world.noAccount = true;
    const stop = phone.start();
    await settled();
    stop();
    world.noAccount = false;
    await world.pass(10 * RETRY);
    expect([phone.line.state, world.connections]).toEqual(['off', 0]);
  });

  it('is left to another tab that has it, and taken over from it', async () => {
    phone.line.taken();
    expect(phone.line.state).toBe('elsewhere');
    phone.line.check();
    expect(world.connections).toBe(0);
    await registered();
    expect(phone.line.state).toBe('registered');
  });
});

describe('a call for a contact', () => {
  beforeEach(registered);

  it('rings until its offer is accepted, and is then answered', async () => {
    const call = await rung('pbx-1');
    expect([phone.call, call.said]).toEqual(['ringing', []]);
    phone.expect(['pbx-1']);
    await settled();
    expect([phone.call, call.said]).toEqual(['answering', ['answer']]);
    call.connect();
    expect(phone.call).toBe('talking');
    expect(world.played).toHaveLength(1);
  });

  it('is answered at once when the contact is already in hand', async () => {
    phone.expect(['pbx-1']);
    const call = await rung('pbx-1');
    expect(call.said).toEqual(['answer']);
  });

  it('is not answered for another contact', async () => {
    phone.expect(['pbx-2']);
    expect((await rung('pbx-1')).said).toEqual([]);
  });

  it('tries the microphone once, and then again when the person says so', async () => {
    world.noMicrophone = 'busy';
    phone.expect(['pbx-1']);
    const call = await rung('pbx-1');
    expect([phone.call, phone.microphone]).toEqual(['ringing', 'busy']);
    phone.expect(['pbx-1']);
    await settled();
    expect(call.said).toEqual([]);
    world.noMicrophone = '';
    await phone.answer();
    expect([phone.microphone, call.said]).toEqual(['', ['answer']]);
  });

  it('is hung up when the contact has gone and the server could not say so', async () => {
    phone.expect(['pbx-1']);
    const call = await talking('pbx-1');
    phone.expect([]);
    await world.pass(OUTLIVES - 1);
    phone.expect(['pbx-1']);
    await world.pass(OUTLIVES);
    expect(phone.call).toBe('talking');
    phone.expect([]);
    await world.pass(OUTLIVES);
    expect([phone.call, call.said.at(-1)]).toEqual(['none', 'over']);
  });

  it('gives way to a second one for the same contact: the first is lost', async () => {
    phone.expect(['pbx-1']);
    const lost = await talking('pbx-1');
    const again = await rung('pbx-1');
    expect(lost.said.at(-1)).toBe('over');
    expect(again.said).toEqual(['answer']);
    lost.hangUp();
    again.connect();
    expect(phone.call).toBe('talking');
  });
});

describe('a private call', () => {
  beforeEach(registered);

  it('waits for the person, whatever is in hand', async () => {
    phone.expect(['pbx-1', '']);
    const call = await rung();
    expect([phone.call, phone.caller, call.said]).toEqual(['ringing', 'María Díaz', []]);
    await phone.answer();
    call.connect();
    expect([phone.call, phone.since]).toEqual(['talking', world.time]);
  });

  it('may be declined, or ended', async () => {
    const declined = await rung();
    phone.hangUp();
    const ended = await talking();
    phone.hangUp();
    expect([declined.said, ended.said.at(-1), phone.call]).toEqual([['declined'], 'over', 'none']);
    expect(world.closed).toEqual(world.opened);
  });

  it('outlives every contact', async () => {
    await talking();
    phone.expect([]);
    await world.pass(10 * OUTLIVES);
    expect(phone.call).toBe('talking');
  });

  it('finds the phone busy during another', async () => {
    await talking();
    const second = await rung();
    const third = await rung('pbx-1');
    expect([second.said, third.said]).toEqual([['busy'], ['busy']]);
    expect(phone.call).toBe('talking');
  });

  it('that ends while the microphone opens leaves no microphone open', async () => {
    const call = await rung();
    const answering = phone.answer();
    call.hangUp();
    await answering;
    expect([phone.call, call.said]).toEqual(['none', []]);
    expect(world.closed).toEqual(world.opened);
  });

  it('is answered once, however often the key is pressed', async () => {
    const call = await rung();
    await Promise.all([phone.answer(), phone.answer()]);
    expect(call.said).toEqual(['answer']);
  });
});

describe('while talking', () => {
  let call: FakeCall;

  beforeEach(async () => {
    await registered();
    phone.expect(['pbx-1']);
    call = await talking('pbx-1');
  });

  it('the microphone is muted and opened again', () => {
    phone.mute();
    expect([phone.muted, call.said.at(-1)]).toEqual([true, 'mute']);
    phone.mute();
    expect([phone.muted, call.said.at(-1)]).toEqual([false, 'unmute']);
  });

  it('digits are sent, and nothing else is', () => {
    for (const key of ['1', '#', 'A', '12', '', '*', '0']) phone.press(key);
    expect([phone.digits, call.said.slice(1)]).toEqual(['1#*0', ['1', '#', '*', '0']]);
  });

  it('another microphone takes over, and the first is closed', async () => {
    await phone.changeMicrophone();
    expect(call.microphones).toEqual(world.opened);
    expect(world.closed).toEqual([world.opened[0]]);
    call.hangUp();
    expect(world.closed).toEqual(world.opened);
  });

  it('the old microphone stays when the other cannot be opened', async () => {
    world.noMicrophone = 'busy';
    await phone.changeMicrophone();
    expect([phone.microphone, world.closed]).toEqual(['busy', []]);
  });

  it('the call goes on while the line is down', async () => {
    world.events?.lost();
    await world.pass(PATIENCE);
    expect([phone.call, phone.line.late]).toEqual(['talking', true]);
  });

  it('the sound is judged now and then', async () => {
    for (let look = 0; look < 4; look += 1) {
      call.reading = lookedAt(world.time);
      await world.pass(LOOK_EVERY);
    }
    expect(phone.meter.quality?.grade).toBe('good');
    call.hangUp();
    expect(phone.meter.quality).toBeUndefined();
  });

  it('nothing of it is left afterwards', () => {
    phone.mute();
    phone.press('1');
    call.hangUp();
    const { call: state, caller, contact, digits, muted } = phone;
    expect({ state, caller, contact, digits, muted }).toEqual({
      state: 'none',
      caller: '',
      contact: '',
      digits: '',
      muted: false,
    });
  });
});

describe('a browser that plays nothing by itself', () => {
  it('plays when the person has done something', async () => {
    await registered();
    world.noSpeaker = true;
    await talking();
    expect(phone.blocked).toBe(true);
    world.noSpeaker = false;
    await phone.hear();
    expect([phone.blocked, world.played.length]).toEqual([false, 2]);
  });
});

describe('the microphone', () => {
  it('is asked for before a call needs it', async () => {
    world.permission = 'ask';
    await registered();
    await settled();
    expect(phone.microphone).toBe('ask');
    await phone.allowMicrophone();
    expect(phone.microphone).toBe('');
    expect(world.closed).toEqual(world.opened);
  });

  it('that is refused says so', async () => {
    await registered();
    world.noMicrophone = 'denied';
    await phone.allowMicrophone();
    expect(phone.microphone).toBe('denied');
  });
});

describe('a reload during a call', () => {
  async function reloaded(): Promise<void> {
    phone.leave();
    phone = new Phone(world);
    await registered();
  }

  beforeEach(async () => {
    await registered();
    phone.expect(['pbx-1']);
  });

  it('tells the telephone system that the phone is lost, not that the agent hung up', async () => {
    const call = await talking('pbx-1');
    phone.leave();
    expect(call.said.at(-1)).toBe('left');
  });

  it('waits for the call to come back, and takes it', async () => {
    await talking('pbx-1');
    await reloaded();
    expect(phone.broken.contact).toBe('pbx-1');
    phone.expect(['pbx-1']);
    const call = await rung('pbx-1');
    expect(call.said).toEqual(['answer']);
  });

  it('does not wait for a contact that has gone meanwhile', async () => {
    await talking('pbx-1');
    await reloaded();
    phone.expect([]);
    expect(phone.broken.contact).toBe('');
  });

  it('stays muted', async () => {
    await talking('pbx-1');
    phone.mute();
    await reloaded();
    phone.expect(['pbx-1']);
    const call = await rung('pbx-1');
    call.connect();
    expect([phone.muted, call.said]).toEqual([true, ['answer', 'mute']]);
  });

  it('mutes no other call', async () => {
    await talking('pbx-1');
    phone.mute();
    await reloaded();
    phone.expect(['pbx-1']);
    await talking();
    expect(phone.muted).toBe(false);
  });

  it.each(['', '{', 'null', '[]', '{"contact": 7}', '{"contact": "", "muted": true}'])(
    'makes nothing of a damaged memory: %s',
    async (damaged) => {
      world.kept['patchbay.phone'] = damaged;
      phone = new Phone(world);
      await registered();
      await talking();
      expect([phone.broken.contact, phone.muted]).toEqual(['', false]);
    },
  );
});

describe('a phone without calls', () => {
  it('takes orders for a call in silence', async () => {
    await registered();
    phone.hangUp();
    phone.leave();
    phone.mute();
    phone.press('1');
    await phone.answer();
    await phone.changeMicrophone();
    await phone.hear();
    expect([phone.call, phone.muted, phone.digits]).toEqual(['none', false, '']);
  });
});
