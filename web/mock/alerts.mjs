// Geofences and alerts of the stand-in: a harbour, a mast, and what is wrong with the fleet.
const nowUs = () => Date.now() * 1000;

let fences = [
    {
        id: 'harbour',
        name: 'Harbour',
        rule: 'keep_in',
        enabled: true,
        geometry: {
            type: 'Polygon',
            coordinates: [
                [
                    [10.1812, 54.3702],
                    [10.1936, 54.3698],
                    [10.1962, 54.3734],
                    [10.1876, 54.3752],
                    [10.1806, 54.3738],
                    [10.1812, 54.3702],
                ],
            ],
        },
        altitude: { datum: 'agl', max_m: 120 },
    },
    {
        id: 'mast',
        name: 'Radio mast',
        rule: 'keep_out',
        enabled: true,
        geometry: { type: 'Point', coordinates: [10.1896, 54.3712] },
        radius_m: 60,
    },
];

const alert = (id, kind, vehicle, severity, message, minutes, more) => ({
    id,
    kind,
    vehicle,
    severity,
    state: 'raised',
    message,
    raised: nowUs() - minutes * 60e6,
    updated: nowUs() - minutes * 60e6,
    ...more,
});

let alerts = [
    alert('1', 'geofence', 'tern', 'warning', 'is outside the keep-in fence ‘Harbour’', 1, {
        subject: 'harbour',
    }),
    alert('2', 'link', 'heron', 'warning', 'the link is lost: nothing was heard for 40 s', 12, {
        state: 'acknowledged',
        user: 'olga',
    }),
    alert('3', 'stream', 'heron', 'caution', 'the video of ‘gimbal’ is lost: the stream has B-frames', 3, {
        subject: 'gimbal',
    }),
];

export const open = () => alerts;

/** Status and body for POST /api/alerts/{id}/acknowledge and .../snooze. */
export function change(id, action, body, user) {
    const found = alerts.find((one) => one.id === id);
    if (!found) return [404, { error: 'not_found', message: `there is no open alert '${id}'` }];
    const state = action === 'snooze' ? 'snoozed' : 'acknowledged';
    const snoozed = action === 'snooze' ? { snoozed_until: nowUs() + body.minutes * 60e6 } : {};
    const changed = { ...found, state, user, updated: nowUs(), ...snoozed };
    alerts = alerts.map((one) => (one === found ? changed : one));
    return [200, changed];
}

export const geofences = () => fences;

/** Status and body for PUT and DELETE /api/geofences/{id}. */
export function changeFence(id, method, body) {
    const changed = method === 'PUT' ? { id, ...body } : undefined;
    fences = fences.flatMap((fence) => (fence.id !== id ? [fence] : changed ? [changed] : []));
    return changed ? [200, changed] : [204];
}
