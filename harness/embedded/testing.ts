/** For tests of programs that talk to a Kubernetes API: the API server and the controllers in the test's own process. */
export { startControllers } from './start-controllers.ts'
export { startTestApi } from './testing/test-api.ts'
export type { TestApi } from './testing/test-api.ts'
