// Commands and leases for the page without a server: every command is obeyed, but by Heron, which is silent and in
// Bob's hands. Bob asks for whatever is held for five seconds.
const nowUs = () => Date.now() * 1000;
const kAskUs = 5_000_000;

export const commands = [];
const leases = new Map();
const clients = new Set();

const keyOf = ({ vehicle, part = 'vehicle' }) => `${vehicle}/${part}`;
const tell = (message) => clients.forEach((client) => client.send(JSON.stringify(message)));

function put(lease) {
    leases.set(keyOf(lease), lease);
    tell(lease);
}
const held = ({ vehicle, part = 'vehicle' }, holder, more = {}) => ({
    type: 'lease',
    vehicle,
    part,
    holder,
    since: nowUs(),
    asked_by: [],
    ...more,
});
put(held({ vehicle: 'heron' }, 'bob'));

export const listed = () => [...leases.values()].filter(({ holder }) => holder);

setInterval(() => {
    for (const lease of listed())
        if (lease.holder !== 'bob' && lease.asked_by.length === 0 && nowUs() - lease.since > kAskUs)
            put({ ...lease, since: nowUs(), asked_by: ['bob'] });
}, 1000).unref();

function act({ action, to, reason, ...which }, user) {
    const old = leases.get(keyOf(which)) ?? held(which, undefined);
    const { holder, asked_by: askers } = old;
    const mayTake = !holder || holder === user || old.offered_to === user;
    if (action === 'take' && !mayTake) return `'${holder}' holds the lease: ask for it`;
    if (action === 'take') put(held(which, user));
    else if (action === 'force') put(held(which, user, { reason }));
    else if (action === 'request') put({ ...old, asked_by: [...askers, user] });
    else if (holder !== user) return `'${holder}' holds the lease`;
    else if (action === 'release') put({ ...held(which, undefined), since: undefined });
    else if (action === 'grant') put(held(which, to));
    else if (action === 'refuse') put({ ...old, asked_by: askers.filter((asker) => asker !== to) });
    else put({ ...old, offered_to: to });
    return undefined;
}

function step(command, state, more = {}) {
    const at = nowUs();
    command.steps.push({ state, time: at, detail: more.detail ?? '' });
    Object.assign(command, { state, updated: at }, more);
    tell(command);
}

function obey({ id, vehicle, command: name, parameters, reason }, user) {
    const command = { type: 'command', id, vehicle, command: name, parameters, reason, user };
    Object.assign(command, { resends: 0, steps: [], created: nowUs(), deadline: nowUs() + 5e6 });
    commands.unshift(command);
    const target = 'autopilot 1/1';
    const silent = [
        ['sent', { target }],
        ['sent', { resends: 1 }],
        ['expired', { detail: 'the vehicle did not answer in time' }],
    ];
    const heard = [['sent', { target }], ['accepted', { detail: 'MAV_RESULT_ACCEPTED' }], ['completed']];
    const way = [['queued'], ...(vehicle === 'heron' ? silent : heard)];
    way.forEach(([state, more], index) => setTimeout(() => step(command, state, more), index * 700));
}

export function joined(client) {
    clients.add(client);
    client.on('close', () => clients.delete(client));
}

export function received(client, message, user) {
    if (message.type === 'command') obey(message, user);
    if (message.type !== 'lease') return;
    const refusal = act(message, user);
    if (refusal)
        client.send(JSON.stringify({ type: 'error', id: message.id, error: 'conflict', message: refusal }));
}
