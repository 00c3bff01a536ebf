/** Jobs `process(transmissionId)`. The tables are the truth; the reconciler asks again for what waits without a job. */
export const processQueue = {
  name: 'process',
  notify: true,
  retryLimit: 3,
  retryDelay: 1,
  retryBackoff: true,
  expireInSeconds: 120,
  heartbeatSeconds: 30,
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const
