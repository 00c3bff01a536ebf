/** Jobs `deliver(deliveryId)`: one attempt each. Retries are new jobs at the time the delivery's row says. */
export const deliverQueue = {
  name: 'deliver',
  notify: true,
  retryLimit: 3,
  retryDelay: 1,
  retryBackoff: true,
  expireInSeconds: 120,
  heartbeatSeconds: 30,
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const
