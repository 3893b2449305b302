/** One number for each request, whether the log has it as a record or in an aggregate. */

/** Sequence numbers are below 2^39: `driver` and `seq` make one whole number that a double holds exactly. */
const driverStep = 2 ** 39

/** A number that identifies a request in the whole run. */
export function toRequestKey(driver: number, seq: number): number {
  return driver * driverStep + seq
}

export function getDriver(key: number): number {
  return Math.floor(key / driverStep)
}

export function parseRequestKey(key: number): { driver: number; seq: number } {
  const driver = Math.floor(key / driverStep)
  return { driver, seq: key - driver * driverStep }
}
