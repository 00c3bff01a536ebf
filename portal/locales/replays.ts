/** What pages say of replays, order and numbers, in English. */
export const enReplays = {
  'entry.document.replayed': 'Sent once more as new',
  'entry.document.replaced': 'Processed again as another document',
  'entry.document.reprocessed': 'Processed again',
  'entry.document.reprocessed.detail': 'from {step}, by {mapping}: {reason}',
  'replay.from.resolve': 'the bytes received',
  'replay.from.canonical': 'the canonical document',
  'replay.mapping.today': 'today’s mappings',
  'replay.mapping.pinned': 'the mappings of then',
  'entry.delivery.repeated': 'Sent again, the same',
  'entry.delivery.repeated.detail': '{reason}',
  'entry.numbers.skipped': 'Control number not used',
  'entry.numbers.one': '{from}: {why}',
  'entry.numbers.many': '{from} to {to}: {why}',
  'entry.numbers.restarted': 'Control numbers began again',
  'entry.numbers.restarted.detail': 'after {at}, at {from}, as the agreement says',
  'numbers.moved': 'the agreement has the range go on elsewhere',
} as const

/** The same in French. */
export const frReplays = {
  'entry.document.replayed': 'Renvoyé comme nouveau',
  'entry.document.replaced': 'Retraité en un autre document',
  'entry.document.reprocessed': 'Retraité',
  'entry.document.reprocessed.detail': 'à partir de {step}, selon {mapping} : {reason}',
  'replay.from.resolve': 'les octets reçus',
  'replay.from.canonical': 'le document canonique',
  'replay.mapping.today': 'les correspondances du jour',
  'replay.mapping.pinned': 'les correspondances d’alors',
  'entry.delivery.repeated': 'Renvoyé à l’identique',
  'entry.delivery.repeated.detail': '{reason}',
  'entry.numbers.skipped': 'Numéro de contrôle non utilisé',
  'entry.numbers.one': '{from} : {why}',
  'entry.numbers.many': '{from} à {to} : {why}',
  'entry.numbers.restarted': 'Numéros de contrôle repris au début',
  'entry.numbers.restarted.detail': 'après {at}, à {from}, comme le prévoit l’accord',
  'numbers.moved': 'l’accord fait continuer la série ailleurs',
} as const satisfies Record<keyof typeof enReplays, string>
