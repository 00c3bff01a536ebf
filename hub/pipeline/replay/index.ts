/** The three replays that a named person may ask for: planned, shown, and carried out once. */
export { executeReplay } from './execute.ts'
export {
  planReplay,
  selectionNamed,
  type ReplayPlan,
  type ReplayRequest,
  type ReplaySelection,
} from './plan.ts'
export { actionsOf, actOnDelivery, deliveryActions, type DeliveryAction } from './decide.ts'
