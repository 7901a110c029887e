// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Kubernetes' own schema, as its Java client was generated from it: fields that are not defined,
 * required ones that are missing, and texts that are none.
 */
final class OpenApi {
  private static final String MODELS = "io.kubernetes.client.openapi.models.";
  private static final Gson GSON = new Gson();

  /** Kinds of others, whose schemas are not Kubernetes' own. */
  private static final List<String> FOREIGN = List.of("GatewayClass");

  private OpenApi() {}

  /** What is wrong with the object; empty when it is valid. */
  static Optional<String> violation(Manifest object) {
    if (FOREIGN.contains(object.kind())) {
      return Optional.empty();
    }
    try {
      model(object).getMethod("validateJsonElement", JsonElement.class).invoke(null, json(object));
      return Optional.empty();
    } catch (InvocationTargetException e) {
      return Optional.of("%s %s: %s".formatted(object.kind(), object.name(), e.getCause()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(object.kind() + " is not in this client", e);
    }
  }

  private static Class<?> model(Manifest object) throws ClassNotFoundException {
    return Class.forName(MODELS + "V1" + object.kind());
  }

  private static JsonElement json(Manifest object) {
    return GSON.toJsonTree(object.tree());
  }

  /** What is wrong with any of them. */
  static List<String> violations(List<Manifest> objects) {
    return objects.stream().map(OpenApi::violation).flatMap(Optional::stream).toList();
  }

  /** What the schema cannot say and an API server refuses all the same. */
  static List<String> inconsistencies(List<Manifest> objects) {
    return objects.stream().flatMap(object -> inconsistencies(object, objects)).toList();
  }

  private static Stream<String> inconsistencies(Manifest object, List<Manifest> all) {
    return object.pod().isEmpty()
        ? Stream.empty()
        : PodRules.violations(object, all).map(text -> object.name() + ": " + text);
  }
}
