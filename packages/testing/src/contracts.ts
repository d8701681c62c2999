export { bindingContract } from './contracts/binding'
export type {
  BindingActions,
  BindingHarness,
  BindingOptions,
  BindingView,
  MountedPage,
  MountSettings,
} from './contracts/binding-harness'
export { type ServerRender, serverRenderContract } from './contracts/server-render'
export { type ScriptedStep, type ScriptedTransport, scriptedTransport } from './scripted-transport'
