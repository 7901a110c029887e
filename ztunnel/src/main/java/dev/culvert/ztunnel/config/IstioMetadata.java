// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What discovery is told of the node in JSON: objects, of which every member is told. */
final class IstioMetadata {
  static final String PREFIX = "ISTIO_METAJSON_";

  private static final String NONE = "{}";

  private IstioMetadata() {}

  static Setting<Struct> setting(String key, String why) {
    return new Setting<>(
        key, "{\"NAME\":...}", Optional.of(NONE), false, why, IstioMetadata::parse);
  }

  /** All objects in one; names of variables say nothing, as Istio's agent reads them. */
  static Optional<String> in(Map<String, String> environment) {
    Map<String, String> objects = new TreeMap<>();
    environment.forEach(
        (variable, text) -> {
          if (variable.startsWith(PREFIX) && !text.isBlank()) {
            objects.put(variable, text);
          }
        });
    if (objects.isEmpty()) {
      return Optional.empty();
    }
    Struct.Builder all = Struct.newBuilder();
    objects.forEach((variable, text) -> all.putAllFields(parse(variable, text).getFieldsMap()));
    return all.getFieldsCount() == 0 ? Optional.empty() : Optional.of(print(all));
  }

  private static Struct parse(String variable, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(variable, e.getMessage());
    }
  }

  private static Struct parse(String text) {
    if (text.equals(NONE)) {
      // Nothing is told in most meshes, and the parser alone takes a twentieth of a second of a
      // start.
      return Struct.getDefaultInstance();
    }
    try {
      Struct.Builder object = Struct.newBuilder();
      JsonFormat.parser().merge(text, object);
      return object.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("write one JSON object: " + e.getMessage(), e);
    }
  }

  private static String print(Struct.Builder object) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(object);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e); // there is no Any in it
    }
  }
}
