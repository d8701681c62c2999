export { bindingContract } from './contracts/binding'
export type {
  BindingActions,
  BindingHarness,
  BindingOptions,
  BindingView,
  MountedPage,
  MountSettings,
} from './contracts/binding-harness'
export { type ConformanceContract, conformanceContract } from './contracts/conformance'
export { logContract } from './contracts/log'
export type {
  ContractClaim,
  ContractClaimed,
  ContractEnd,
  ContractEntry,
  ContractLog,
  ContractOwner,
  ContractPlace,
  ContractStream,
  ContractTerminal,
  ContractTopic,
  ContractTopicAddress,
  ContractTopics,
  LogHarness,
  OpenedLog,
  OpenLogOptions,
} from './contracts/log-harness'
export { topicContract } from './contracts/log-topics'
export { type ServerRender, serverRenderContract } from './contracts/server-render'
export { transportContract } from './contracts/transport'
export type {
  ContractProducer,
  ServedAnswers,
  ServeOptions,
  TransportHarness,
  TransportOptions,
} from './contracts/transport-harness'
export { type ScriptedStep, type ScriptedTransport, scriptedTransport } from './scripted-transport'
