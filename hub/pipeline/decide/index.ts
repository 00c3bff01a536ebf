/** What a named person decides: about deliveries that are held or were refused, and about documents on hold. */
export { decideDelivery, type DeliveryDecision } from './delivery.ts'
export { decideHold, type HoldDecision } from './hold.ts'
