/** What a named person decides: about deliveries that are held or were refused, and about documents on hold. */
export { decideDelivery } from './delivery.ts'
export { decideHold } from './hold.ts'
export { decideBatch, holdDecisions, type BatchDecision, type DecidedBatch } from './batch.ts'
export { routeCause } from './route.ts'
