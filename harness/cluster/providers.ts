/** Every kind of cluster that nodrop can run on. */
import type { ClusterKind } from '../model/cluster-kind.ts'
import { contextProvider } from './context/context-provider.ts'
import { embeddedProvider } from './embedded/embedded-provider.ts'
import { kindProvider } from './kind/kind-provider.ts'
import type { ClusterProvider } from './provider.ts'

export const providers: { readonly [K in ClusterKind]: ClusterProvider } = {
  local: embeddedProvider,
  kind: kindProvider,
  kubeconfig: contextProvider,
}
