#!/usr/bin/env python3
"""Writes the table of commands from commands.json, or that of mission items from mission_items.json, which has rows of the same form:
generate_commands.py INPUT (--cpp FILE | --typescript FILE)."""

import json
import math
import sys

KINDS = {"drone": "kDrone", "vessel": "kVessel"}
COMMAND_LONG_PARAMS = 7


def refuse(where, rule):
    sys.exit(f"commands.json: {where}: {rule}")


def names_unique(rows, where):
    seen = set()
    for row in rows:
        if row["name"] in seen:
            refuse(where, f"'{row['name']}' is there twice")
        seen.add(row["name"])


def check_parameter(parameter, where):
    numeric = parameter["type"] in ("number", "integer")
    if numeric and not ("minimum" in parameter and "maximum" in parameter and parameter["minimum"] < parameter["maximum"]):
        refuse(where, "a number needs a minimum below its maximum")
    if parameter["type"] == "text" and parameter.get("maximum", 0) < 1:
        refuse(where, "a text needs a maximum, its length")


def sources_of(mapping):
    sources = list(mapping.get("params", []))
    if "from" in mapping.get("mode", {}):
        sources.append({"from": mapping["mode"]["from"]})
    return [source if isinstance(source, dict) else {"from": source} for source in sources if isinstance(source, (dict, str))]


def check_mapping(command, mapping, where):
    if ("frame" in mapping) != (mapping["message"] == "COMMAND_INT"):
        refuse(where, "COMMAND_INT has a frame, and COMMAND_LONG none")
    if ("mode" in mapping) == ("params" in mapping):
        refuse(where, "either 'params' or 'mode' is wanted")
    if "resend" in command and mapping["message"] != "COMMAND_LONG":
        refuse(where, "only COMMAND_LONG counts how often it was sent: 'resend' is not for COMMAND_INT")
    parameters = {parameter["name"]: parameter for parameter in command.get("parameters", [])}
    used = sources_of(mapping)
    for source in used:
        parameter = parameters.get(source["from"])
        if not parameter and source["from"] != "#sequence":
            refuse(where, f"there is no parameter '{source['from']}'")
        if parameter and "else" not in source:
            if not parameter.get("required") or "kinds" in parameter:
                refuse(where, f"'{source['from']}' may be absent: 'else' is wanted")
    if unused := set(parameters) - {source["from"] for source in used}:
        refuse(where, f"'{min(unused)}' is not said")


def check(commands):
    names_unique(commands, "commands")
    for command in commands:
        names_unique(command.get("parameters", []), command["name"])
        for parameter in command.get("parameters", []):
            check_parameter(parameter, f"{command['name']}.{parameter['name']}")
        for number, mapping in enumerate(command.get("mavlink", [])):
            check_mapping(command, mapping, f"{command['name']}.mavlink[{number}]")


def lanes_of(commands):
    """An acknowledgement names a MAV_CMD alone: commands that may share one share a lane, named by the first of them. So do
    all transfers of missions."""
    lane = {command["name"]: command["name"] for command in commands}
    changed = True
    while changed:
        changed = False
        first = {}
        for command in commands:
            shared = [mapping["command"] for mapping in command.get("mavlink", [])] + ["mission"] * ("mission" in command)
            for what in shared:
                other = first.setdefault(what, command["name"])
                if lane[other] != lane[command["name"]]:
                    old, new = lane[command["name"]], lane[other]
                    lane = {name: new if each == old else each for name, each in lane.items()}
                    changed = True
    return lane


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def number(value):
    return "kUnset" if value is None or math.isnan(value) else repr(float(value))


def kinds(row):
    return " | ".join(KINDS[kind] for kind in row.get("kinds", KINDS))


def boolean(value):
    return "true" if value else "false"


def source(entry):
    if entry is None or isinstance(entry, (int, float)):
        return f"{{.number = {number(entry)}}}"
    if isinstance(entry, str):
        entry = {"from": entry}
    if entry["from"] == "#sequence":
        return "{.from = From::sequence}"
    return (f"{{.from = From::parameter, .parameter = {quoted(entry['from'])}, .number = {number(entry.get('else', 0))}, "
            f".above_home = {boolean('plus' in entry)}}}")


def mavlink_row(mapping):
    params = mapping.get("params", [])
    params = params + [0] * (COMMAND_LONG_PARAMS - len(params))
    mode = mapping.get("mode", {})
    return (f"{{.autopilot = Autopilot::{mapping.get('autopilot', 'any')}, .integer = {boolean(mapping['message'] == 'COMMAND_INT')}, "
            f".command = {mapping['command']}, .to = Component::{mapping.get('to', 'autopilot')}, "
            f".frame = Frame::{mapping.get('frame', 'global')}, .hold_mode = {boolean('role' in mode)}, .mode_from = {quoted(mode.get('from', ''))}, "
            f".params = {{{{{', '.join(source(entry) for entry in params)}}}}}}}")


def parameter_row(parameter):
    return (f"{{.name = {quoted(parameter['name'])}, .title = {quoted(parameter['title'])}, .type = Type::{parameter['type']}, "
            f".unit = {quoted(parameter.get('unit', ''))}, .minimum = {float(parameter.get('minimum', 0))!r}, "
            f".maximum = {float(parameter.get('maximum', 0))!r}, .required = {boolean(parameter.get('required'))}, .kinds = {kinds(parameter)}}}")


def command_row(index, command, lane):
    needs = " | ".join(f"kNeeds{need.title().replace('_', '')}" for need in command.get("needs", [])) or "0"
    resend = command.get("resend", {"times": 0, "after_ms": 0})
    parameters = f"kParameters{index}" if command.get("parameters") else "{}"
    mavlink = f"kMavlink{index}" if command.get("mavlink") else "{}"
    return (f"{{.name = {quoted(command['name'])}, .title = {quoted(command['title'])}, .kinds = {kinds(command)}, "
            f".danger = Danger::{command.get('danger', 'none')}, .part = Part::{command.get('part', 'vehicle')}, .lane = {quoted(lane)}, "
            f".emergency = {boolean(command.get('emergency'))}, .for_supervisors = {boolean(command.get('role') == 'supervisor')}, "
            f".needs = {needs}, .resends = {resend['times']}, .resend_ms = {resend['after_ms']}, .ack_ms = {command.get('ack_ms', 3000)}, "
            f".late_ms = {command.get('late_ms', 2000)}, .progress_ms = {command.get('progress_ms', 30000)}, "
            f".parameters = {parameters}, .mavlink = {mavlink}, .mission = MissionTask::{command.get('mission', 'none')}}},")


def cpp(commands, table):
    out = [f"// The {table} of schema/. Generated; do not edit.", '#include "plugins/commands/table.hpp"', "", "#include <limits>", "",
           "namespace masthead::commands {", "namespace {", "", "using From = ParameterSource::From;",
           "constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();", ""]
    lanes = lanes_of(commands)
    for index, command in enumerate(commands):
        if command.get("parameters"):
            rows = ",\n    ".join(parameter_row(parameter) for parameter in command["parameters"])
            out.append(f"constexpr ParameterRow kParameters{index}[] = {{\n    {rows}}};")
        if command.get("mavlink"):
            rows = ",\n    ".join(mavlink_row(mapping) for mapping in command["mavlink"])
            out.append(f"constexpr MavlinkRow kMavlink{index}[] = {{\n    {rows}}};")
    out += ["", "constexpr Row kRows[] = {"]
    out += ["    " + command_row(index, command, lanes[command["name"]]) for index, command in enumerate(commands)]
    function = "rows" if table == "commands" else "mission_rows"
    out += ["};", "", "} // namespace", "", f"std::span<const Row> {function}() noexcept {{ return kRows; }}", "", "} // namespace masthead::commands", ""]
    return "\n".join(out)


def typescript(commands):
    names = "\n".join(f"  | '{command['name']}'" for command in commands)
    shown = ("name", "title", "kinds", "danger", "part", "emergency", "role", "parameters", "mission")
    defaults = {"part": "vehicle", "emergency": False, "role": "operator", "parameters": [], "mission": "none"}
    rows = ",\n".join("  " + json.dumps({key: command.get(key, defaults.get(key)) for key in shown}, ensure_ascii=False)
                      for command in commands)
    return f"""// What schema/commands.json declares. Generated; do not edit.

export type CommandName =
{names};

export interface CommandParameter {{
  readonly name: string;
  readonly title: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
  readonly unit?: string;
  readonly minimum?: number;
  /** Of a text its length in bytes. */
  readonly maximum?: number;
  readonly required?: boolean;
  /** Absent: of every kind of vehicle. */
  readonly kinds?: readonly ('drone' | 'vessel')[];
}}

export interface CommandRow {{
  readonly name: CommandName;
  readonly title: string;
  readonly kinds: readonly ('drone' | 'vessel')[];
  readonly danger: 'none' | 'confirm' | 'hold';
  /** Whose control lease it needs. */
  readonly part: 'vehicle' | 'payload';
  /** Open without a lease to whom the policy names. */
  readonly emergency: boolean;
  readonly role: 'operator' | 'supervisor';
  readonly parameters: readonly CommandParameter[];
  /** A transfer of a mission in place of a message. */
  readonly mission: 'none' | 'upload' | 'download' | 'clear';
}}

export const kCommands: readonly CommandRow[] = [
{rows},
];
"""


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in ("--cpp", "--typescript"):
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    table = "commands" if "commands" in document else "items"
    commands = document[table]
    check(commands)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write(cpp(commands, table) if sys.argv[2] == "--cpp" else typescript(commands))


if __name__ == "__main__":
    main()
