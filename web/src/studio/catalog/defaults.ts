/** What holds when nothing is written: as docs/catalog.md says, shown where nothing is written. */
export const DEFAULTS: Record<string, Record<string, string>> = {
  Queue: {
    strategy: 'longest_idle', service_within: '20s', service_target: '80%', credit: '0', offer_for: '20s',
    auto_accept: 'false', missed_offer: 'not_ready', reoffer_after: '30s', ring_all_limit: '8', wrap_up: '30s',
    wrap_up_limit: '10m', preferred_for: '30s', callback: 'false',
  },
  Callback: { attempts: '3', retry_after: '10m' },
  Profile: { order: 'wait' },
  ProfileQueue: { band: '1', delay: '0' },
  Agent: { weight: '1', order: '0' },
};
