import { implement } from '@orpc/server';
import { alerts as contract } from '../../../contract/alerts.ts';
import type { AlertsService } from './alerts.service.ts';

const os = implement(contract);

export const alertsRoutes = (service: AlertsService) => ({
  rules: os.rules.handler(({ input }) => service.rules(input.endpoint)),
  createRule: os.createRule.handler(({ input }) => service.createRule(input)),
  updateRule: os.updateRule.handler(({ input }) => service.updateRule(input.id, input.revision, input.rule)),
  removeRule: os.removeRule.handler(async ({ input }) => ({ removed: await service.removeRule(input.id) })),
  tryRule: os.tryRule.handler(({ input }) => service.tryRule(input)),
  list: os.list.handler(({ input }) => service.list(input)),
  get: os.get.handler(({ input }) => service.get(input.id)),
  acknowledge: os.acknowledge.handler(({ input }) => service.acknowledge(input.id, input.note)),
  unacknowledge: os.unacknowledge.handler(({ input }) => service.unacknowledge(input.id)),
  snooze: os.snooze.handler(({ input }) => service.snooze(input.id, input.untilMs)),
  changes: os.changes.handler(({ input }) => service.changes(input.endpoint, input.fromMs, input.toMs)),
  channels: os.channels.handler(() => service.channels()),
  saveChannel: os.saveChannel.handler(({ input }) => service.saveChannel(input)),
  removeChannel: os.removeChannel.handler(async ({ input }) => ({
    removed: await service.removeChannel(input.id),
  })),
  testChannel: os.testChannel.handler(({ input }) => service.testChannel(input.id)),
});
