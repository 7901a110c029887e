// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps as BTF describes them: each variable of section .maps is a struct whose members encode
 * numbers as lengths of arrays ({@code __uint}) and types by pointing to them ({@code __type}).
 */
final class MapSpecs {
  private final Btf btf;

  private MapSpecs(Btf btf) {
    this.btf = btf;
  }

  static List<MapSpec> read(Btf btf) throws MalformedObjectException {
    var section = btf.section(".maps");
    if (section.isEmpty()) {
      return List.of();
    }
    MapSpecs reader = new MapSpecs(btf);
    List<MapSpec> maps = new ArrayList<>();
    for (Btf.Type variable : btf.variables(section.get())) {
      maps.add(reader.map(variable));
    }
    return List.copyOf(maps);
  }

  private MapSpec map(Btf.Type variable) throws MalformedObjectException {
    String name = variable.name();
    Btf.Type definition = btf.resolve(variable.sizeOrType());
    if (definition.kind() != Btf.STRUCT) {
      throw new MalformedObjectException("map '" + name + "' is not defined by a struct");
    }
    MapSpec map = new MapSpec(name, 0, 0, 0, 0, 0);
    for (Btf.Member member : btf.members(definition)) {
      map = with(map, member);
    }
    return map;
  }

  private MapSpec with(MapSpec m, Btf.Member member) throws MalformedObjectException {
    return switch (member.name()) {
      case "type" ->
          new MapSpec(
              m.name(), number(member), m.keySize(), m.valueSize(), m.maxEntries(), m.flags());
      case "key_size" -> withKey(m, number(member));
      case "key" -> withKey(m, btf.size(pointee(member)));
      case "value_size" -> withValue(m, number(member));
      case "value" -> withValue(m, btf.size(pointee(member)));
      case "max_entries" ->
          new MapSpec(m.name(), m.type(), m.keySize(), m.valueSize(), number(member), m.flags());
      case "map_flags" ->
          new MapSpec(
              m.name(), m.type(), m.keySize(), m.valueSize(), m.maxEntries(), number(member));
      default -> m;
    };
  }

  private static MapSpec withKey(MapSpec m, int size) {
    return new MapSpec(m.name(), m.type(), size, m.valueSize(), m.maxEntries(), m.flags());
  }

  private static MapSpec withValue(MapSpec m, int size) {
    return new MapSpec(m.name(), m.type(), m.keySize(), size, m.maxEntries(), m.flags());
  }

  private int number(Btf.Member member) throws MalformedObjectException {
    Btf.Type array = btf.resolve(pointee(member));
    if (array.kind() != Btf.ARRAY) {
      throw new MalformedObjectException("map member '" + member.name() + "' is not a number");
    }
    return Btf.elements(array);
  }

  private int pointee(Btf.Member member) throws MalformedObjectException {
    Btf.Type pointer = btf.resolve(member.type());
    if (pointer.kind() != Btf.PTR) {
      throw new MalformedObjectException("map member '" + member.name() + "' is not a pointer");
    }
    return pointer.sizeOrType();
  }
}
