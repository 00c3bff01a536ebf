/** A profile without the environment and the channel, which each partner has of its own. */
export interface ProfileTemplate {
  direction: 'sends' | 'receives'
  type: string
  format: string
  mapping: string
  guide?: string
  acknowledgements?: { syntax?: string }
}

/** What a column or `--template` names: profiles for the mappings that come with the hub. */
export const profileTemplates: Readonly<Record<string, ProfileTemplate>> = {
  'sends-orders-edifact': {
    direction: 'sends',
    type: 'order',
    format: 'edifact',
    mapping: 'order/edifact-d96a',
    acknowledgements: { syntax: 'as_requested' },
  },
  'sends-orders-xml': { direction: 'sends', type: 'order', format: 'xml', mapping: 'order/ubl-2.1' },
  'sends-orders-json': { direction: 'sends', type: 'order', format: 'json', mapping: 'order/json' },
  'receives-orders-edifact': {
    direction: 'receives',
    type: 'order',
    format: 'edifact',
    mapping: 'order/edifact-d96a',
  },
  'receives-orders-xml': { direction: 'receives', type: 'order', format: 'xml', mapping: 'order/ubl-2.1' },
  'receives-orders-json': { direction: 'receives', type: 'order', format: 'json', mapping: 'order/json' },
}
