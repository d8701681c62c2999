export { bindingContract } from './contracts/binding'
export type {
  BindingActions,
  BindingHarness,
  BindingHarnesses,
  BindingOptions,
  BindingView,
  ChatBindingOptions,
  ChatBindingView,
  ChatHarness,
  CompareBindingOptions,
  CompareBindingView,
  CompareHarness,
  MountedPage,
  MountSettings,
  TaskBindingOptions,
  TaskBindingView,
  TaskHarness,
} from './contracts/binding-harness'
export { shownByChat, shownByCompare, shownByStream, shownByTask } from './contracts/binding-text'
export { chatContract } from './contracts/chat'
export { compareContract } from './contracts/compare'
export { type ConformanceContract, conformanceContract } from './contracts/conformance'
export { defaultsContract } from './contracts/defaults'
export { createGate, type Gate } from './contracts/gate'
export { logContract } from './contracts/log'
export { end as endFrame, hello as helloFrame, text as textFrame } from './contracts/log-frames'
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
export { over as optionsOver } from './contracts/open-page'
export { type ServerPage, type ServerPages, serverPagesContract } from './contracts/server-pages'
export { type ServerRender, serverRenderContract } from './contracts/server-render'
export {
  type ShownText,
  servedText,
  streamTextContract,
  type TextHarness,
  type TextPage,
} from './contracts/stream-text'
export { taskContract } from './contracts/task'
export { transportContract } from './contracts/transport'
export type {
  ContractProducer,
  ServedAnswers,
  ServeOptions,
  TransportHarness,
  TransportOptions,
} from './contracts/transport-harness'
export { type ScriptedStep, type ScriptedTransport, scriptedTransport } from './scripted-transport'
