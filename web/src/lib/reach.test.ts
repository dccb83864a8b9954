import { beforeEach, describe, expect, it } from 'vitest';

import { common } from './common';
import { outOfReach } from './reach';

describe('who cannot be reached', () => {
  beforeEach(() => common.load('en'));

  it('is told so by channel, with the reason', () => {
    expect(outOfReach({ voice: 'phone not registered', chat: 'busy with a private call' })).toEqual([
      { channel: 'voice', reason: 'Phone not registered', lack: 'no calls' },
      { channel: 'chat', reason: 'Busy with a private call', lack: 'no chats' },
    ]);
  });

  it('is told it in Chinese', async () => {
    await common.load('zh');
    expect(outOfReach({ voice: 'phone not registered' })).toEqual([
      { channel: 'voice', reason: '话机未注册', lack: '不派电话' },
    ]);
  });

  it('by a channel or for a reason that nobody wrote words for is told as it came', () => {
    expect(outOfReach({ pager: 'line_cut', fax: '' })).toEqual([
      { channel: 'pager', reason: 'line cut', lack: 'nothing by pager' },
      { channel: 'fax', reason: 'Cannot be reached', lack: 'no faxes' },
    ]);
    expect(outOfReach({})).toEqual([]);
  });
});
