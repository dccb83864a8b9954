/** One call on the line, by JsSIP and WebRTC. */
import { C } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';

import type { CallEvents, Ending, IceServer, IncomingCall } from './port';
import { type Reading, reading } from './reading';

/** SIP's words for not answering. */
const STATUS: Record<Ending, number> = { over: 480, declined: 603, busy: 486, left: 480 };
/** Q.850: «destination out of order». Normal clearing would say that the agent has hung up. */
const LEFT = 'Reason: Q.850;cause=27;text="desk closed"';
/**
 * For how long the addresses are collected at which this browser can be reached, milliseconds. One
 * that cannot be found out would delay the answer by many seconds.
 */
const COLLECT = { alone: 150, helped: 1_000 };

export class SipCall implements IncomingCall {
  constructor(
    private readonly session: RTCSession,
    readonly caller: string,
    readonly contact: string,
    private readonly helpers: IceServer[],
  ) {}

  listen(events: CallEvents): void {
    const { session } = this;
    let collecting = 0;
    session.on('confirmed', () => events.connected());
    session.on('ended', () => events.ended());
    session.on('failed', () => events.ended());
    session.on('icecandidate', ({ ready }) => {
      const patience = this.helpers.length ? COLLECT.helped : COLLECT.alone;
      collecting ||= window.setTimeout(ready, patience);
    });
    session.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', ({ track, streams: [stream] }) => {
        events.heard(stream ?? new MediaStream([track]));
      });
    });
  }

  answer(microphone: MediaStream): void {
    const pcConfig = { iceServers: this.helpers };
    attempt(() => this.session.answer({ mediaStream: microphone, pcConfig }));
  }

  end(how: Ending): void {
    const extraHeaders = how === 'left' ? [LEFT] : [];
    // An answered call ends with a BYE, which has no status.
    const status = this.session.isEstablished() ? {} : { status_code: STATUS[how] };
    attempt(() => this.session.terminate({ ...status, extraHeaders }));
  }

  mute(on: boolean): void {
    attempt(() => this.session[on ? 'mute' : 'unmute']({ audio: true }));
  }

  press(digit: string): void {
    const transportType = C.DTMF_TRANSPORT.RFC2833;
    attempt(() => this.session.sendDTMF(digit, { transportType }));
  }

  async speakInto(microphone: MediaStream): Promise<void> {
    const [track] = microphone.getAudioTracks();
    const sender = this.connection?.getSenders().find((one) => one.track?.kind === 'audio');
    if (!track || !sender) return;
    track.enabled = !this.session.isMuted().audio;
    await sender.replaceTrack(track).catch(() => undefined);
  }

  async read(): Promise<Reading | undefined> {
    const report = await this.connection?.getStats().catch(() => undefined);
    const stats: unknown[] = [];
    report?.forEach((one) => stats.push(one));
    return report && reading(stats, Date.now());
  }

  /** There is none before the call is answered. */
  private get connection(): RTCPeerConnection | undefined {
    return (this.session.connection as RTCPeerConnection | null) ?? undefined;
  }
}

/** JsSIP throws at orders for a call that has ended meanwhile, which its `ended` says anyway. */
function attempt(order: () => void): void {
  try {
    order();
  } catch {
    // See above.
  }
}
