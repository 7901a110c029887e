// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import dev.culvert.policy.yaml.YamlValue.Field;
import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Items;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;

/**
 * Builds the tree of one document from parser events. The library's own tree builder recurses
 * without a limit and shares aliased nodes, cycles too, so depth and aliases are bounded here.
 */
final class TreeBuilder {
  static final int MAX_DEPTH = 64;
  static final int MAX_ALIASED = 10_000;

  private final Iterator<Event> events;
  private final int document;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int values;
  private int aliased;

  /** A value that aliases may repeat, and how many values it is made of. */
  private record Anchored(YamlValue value, int values) {}

  TreeBuilder(Iterator<Event> events, int document) {
    this.events = events;
    this.document = document;
  }

  YamlValue build() throws YamlException {
    return value(events.next(), 1);
  }

  private YamlValue value(Event event, int depth) throws YamlException {
    if (depth > MAX_DEPTH) {
      throw invalid(event, "more than " + MAX_DEPTH + " levels deep", "nest less");
    }
    if (event instanceof AliasEvent alias) {
      return repeat(alias);
    }
    int before = values++;
    YamlValue value =
        switch (event) {
          case ScalarEvent scalar -> new Scalar(line(event), type(scalar), scalar.getValue());
          case SequenceStartEvent _ -> items(line(event), depth);
          default -> fields(line(event), depth);
        };
    if (event instanceof CollectionStartEvent collection) {
      refuseTag(event, collection.getTag());
    }
    Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
    anchor.ifPresent(name -> anchors.put(name, new Anchored(value, values - before)));
    return value;
  }

  private YamlValue repeat(AliasEvent alias) throws YamlException {
    Anchored anchored = anchors.get(alias.getAlias());
    if (anchored == null) {
      String name = alias.getAlias().getValue();
      throw invalid(alias, "alias *" + name + " has no anchor before it", "write &" + name);
    }
    values += anchored.values();
    aliased += anchored.values();
    if (aliased > MAX_ALIASED) {
      throw invalid(
          alias, "aliases stand for more than " + MAX_ALIASED + " values", "write values out");
    }
    return anchored.value();
  }

  private Items items(int line, int depth) throws YamlException {
    List<YamlValue> items = new ArrayList<>();
    for (Event e = events.next(); !(e instanceof SequenceEndEvent); e = events.next()) {
      items.add(value(e, depth + 1));
    }
    return new Items(line, Collections.unmodifiableList(items));
  }

  private Fields fields(int line, int depth) throws YamlException {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (Event e = events.next(); !(e instanceof MappingEndEvent); e = events.next()) {
      String name = name(e, depth);
      Field field = new Field(line(e), value(events.next(), depth + 1));
      Field earlier = fields.putIfAbsent(name, field);
      if (earlier != null) {
        throw invalid(
            e,
            "field '%s' is written twice, first on line %d".formatted(name, earlier.line()),
            "keep one of them");
      }
    }
    return new Fields(line, Collections.unmodifiableMap(fields));
  }

  private String name(Event event, int depth) throws YamlException {
    if (value(event, depth + 1) instanceof Scalar name && name.type() != ScalarType.NULL) {
      return name.text();
    }
    throw invalid(event, "the name of a field must be text", "put it in quotes");
  }

  private ScalarType type(ScalarEvent scalar) throws YamlException {
    String tag = scalar.getTag().orElse("");
    if (tag.equals("tag:yaml.org,2002:str")) {
      return ScalarType.TEXT;
    }
    refuseTag(scalar, scalar.getTag().filter(t -> !t.equals("!")));
    return scalar.isPlain() ? CoreSchema.type(scalar.getValue()) : ScalarType.TEXT;
  }

  private void refuseTag(Event event, Optional<String> tag) throws YamlException {
    if (tag.isPresent() && !tag.get().matches("tag:yaml\\.org,2002:(map|seq)")) {
      throw invalid(event, "tag " + tag.get() + " is not supported", "remove it");
    }
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private YamlException invalid(Event event, String problem, String remedy) {
    return new YamlException(document, line(event), problem, remedy);
  }
}
