/** The line: this browser as a telephone at the telephone system, by JsSIP. */
import { UA, WebSocketInterface } from 'jssip';
import type { IncomingRTCSessionEvent } from 'jssip/lib/UA';

import type { PhoneAccount, Telephone, TelephoneEvents } from './port';
import { SipCall } from './call';
import { callerOf, contactOf } from './tidy';

const SECOND = 1_000;
/** Seconds. It is renewed a good while earlier. */
const REGISTERED_FOR = 90;
/** To connect again after a failure. */
const RETRY_SECONDS = { shortest: 1, longest: 15 };
/** A line that answers nothing for this long is broken, whatever the browser believes. */
const ANSWERS_WITHIN = 5 * SECOND;
/** Of the agent's own legs: the contact they are for. */
const CONTACT = 'X-Patchbay-Contact';

export function connect(account: PhoneAccount, events: TelephoneEvents): Telephone {
  const socket = new WebSocketInterface(account.websocket);
  const agent = new UA({
    sockets: [socket],
    uri: account.uri,
    authorization_user: account.username,
    password: account.password,
    register_expires: REGISTERED_FOR,
    connection_recovery_min_interval: RETRY_SECONDS.shortest,
    connection_recovery_max_interval: RETRY_SECONDS.longest,
    // A line that is down for a while must not end a call whose sound still flows.
    session_timers: false,
    user_agent: 'Patchbay',
  });
  const check = checking(agent, socket);
  agent.on('registered', () => events.registered());
  agent.on('disconnected', () => events.lost());
  agent.on('registrationExpiring', check);
  agent.on('registrationFailed', ({ response }) => {
    if (response as unknown) events.refused();
  });
  agent.on('newRTCSession', ({ session, request }: IncomingRTCSessionEvent) => {
    const { display_name: name, uri } = session.remote_identity;
    const [caller, contact] = [callerOf(name, uri.user), contactOf(request.getHeader(CONTACT))];
    events.invited(new SipCall(session, caller, contact, account.ice_servers));
  });
  agent.start();
  return { check, stop: () => agent.stop() };
}

/**
 * Registers anew, and connects anew when nothing comes back: also to what it does by itself on a
 * new connection, because a telephone system that starts takes connections before it answers.
 */
function checking(agent: UA, socket: WebSocketInterface): () => void {
  let heard = true;
  let deadline: number | undefined;
  const expectAnswer = () => {
    heard = false;
    clearTimeout(deadline);
    deadline = window.setTimeout(() => {
      if (heard) return;
      socket.disconnect();
      socket.ondisconnect(true);
    }, ANSWERS_WITHIN);
  };
  agent.on('connected', () => {
    const receive = socket.ondata.bind(socket);
    socket.ondata = (data) => {
      heard = true;
      receive(data);
    };
    expectAnswer();
  });
  agent.on('disconnected', () => clearTimeout(deadline));
  return () => {
    if (!agent.isConnected()) return;
    expectAnswer();
    agent.register();
  };
}
