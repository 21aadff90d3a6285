// A reader of MISB ST 0601 that shares nothing with Masthead's codec: written from the standard's own rules (key, BER, running
// checksum, linear maps) for the three items the test needs.
const KEY = Buffer.from('060e2b34020b01010e01030101000000', 'hex');

function readLength(bytes, at) {
    const first = bytes[at];
    if (first < 0x80) return [first, at + 1];
    let length = 0;
    for (let i = 0; i < (first & 0x7f); ++i) length = length * 256 + bytes[at + 1 + i];
    return [length, at + 1 + (first & 0x7f)];
}

function checksumIsRight(packet) {
    let sum = 0;
    for (let i = 0; i < packet.length - 2; ++i) sum = (sum + (i % 2 === 0 ? packet[i] << 8 : packet[i])) & 0xffff;
    return sum === packet.readUInt16BE(packet.length - 2);
}

/** All packets of a KLV byte stream: {utcUs, latitude, longitude}; throws on anything that is not whole and right. */
export function readPackets(bytes) {
    const packets = [];
    for (let at = 0; at < bytes.length;) {
        if (!bytes.subarray(at, at + 16).equals(KEY)) throw new Error(`no ST 0601 key at byte ${at}`);
        const [length, start] = readLength(bytes, at + 16);
        const end = start + length;
        const packet = bytes.subarray(at, end);
        if (end > bytes.length) throw new Error('the last packet is cut short');
        if (!checksumIsRight(packet)) throw new Error(`wrong checksum in the packet at byte ${at}`);
        const found = {};
        for (let item = start; item < end;) {
            let tag = 0;
            let byte;
            do {
                byte = bytes[item++];
                tag = (tag << 7) | (byte & 0x7f);
            } while (byte & 0x80);
            const [size, value] = readLength(bytes, item);
            if (tag === 2) found.utcUs = Number(bytes.readBigUInt64BE(value));
            if (tag === 13) found.latitude = (bytes.readInt32BE(value) * 90) / 0x7fffffff;
            if (tag === 14) found.longitude = (bytes.readInt32BE(value) * 180) / 0x7fffffff;
            item = value + size;
        }
        packets.push(found);
        at = end;
    }
    return packets;
}
