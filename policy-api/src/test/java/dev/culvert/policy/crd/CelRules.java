// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Evaluates {@code x-kubernetes-validations}. */
final class CelRules {
  private final CelCompiler compiler =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("self", SimpleType.DYN)
          .build();
  private final CelRuntime runtime = CelRuntimeFactory.plannerRuntimeBuilder().build();

  /** The messages of the rules that a value breaks. */
  List<String> broken(Map<String, Object> schema, Object value) {
    return rules(schema).stream()
        .filter(rule -> !holds((String) rule.get("rule"), value))
        .map(rule -> (String) rule.get("message"))
        .toList();
  }

  @SuppressWarnings("unchecked") // as JSON has them
  static List<Map<String, Object>> rules(Map<String, Object> schema) {
    return (List<Map<String, Object>>) schema.getOrDefault("x-kubernetes-validations", List.of());
  }

  private boolean holds(String rule, Object value) {
    try {
      return (boolean)
          runtime.createProgram(compiler.compile(rule).getAst()).eval(Map.of("self", cel(value)));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new AssertionError(rule, e);
    }
  }

  /** Integers of CEL have 64 bits. */
  private static Object cel(Object value) {
    return switch (value) {
      case Integer number -> (long) number;
      case List<?> list -> list.stream().map(CelRules::cel).toList();
      case Map<?, ?> map ->
          map.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey,
                      one -> cel(one.getValue()),
                      (one, _) -> one,
                      LinkedHashMap::new));
      default -> value;
    };
  }
}
