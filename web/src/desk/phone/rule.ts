/** Which calls the phone answers by itself. Pure. */
import type { ContactCard, OfferCard } from '../../lib/protocol';

interface Hand {
  contacts: Pick<ContactCard, 'contact' | 'consult_of' | 'doing'>[];
  offers: Pick<OfferCard, 'contact' | 'consult_of' | 'offer'>[];
}

interface Card {
  contact: string;
  consult_of: string;
}

/** Somebody who is asked for advice is called for the contact it is about. */
const called = (card: Card): string[] => [card.contact, card.consult_of].filter(Boolean);

/** The contacts in the agent's hand, and those whose offer they have just `accepted`. */
export function expected(hand: Hand, accepted: (offer: string) => boolean): string[] {
  return [
    ...hand.contacts.filter((card) => card.doing !== 'wrapping').flatMap(called),
    ...hand.offers.filter((card) => accepted(card.offer)).flatMap(called),
  ];
}

/** The offer that a ringing call belongs to: accepting it answers. */
export function offerOf<Offer extends Card>(offers: Offer[], contact: string): Offer | undefined {
  return contact === '' ? undefined : offers.find((card) => called(card).includes(contact));
}
