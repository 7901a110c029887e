// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One knob: its key in lower case with dashes, the default as a user would write it, and why that
 * is the default.
 *
 * @param <T> the type of the value
 * @param key lower case with dashes, also the command line option and, upper-cased with underscores
 *     after {@code CULVERT_}, the environment variable
 * @param form what a value looks like, for help texts
 * @param standard the default as text; empty when the setting is required or absent unless given
 * @param required whether a start without it is an error
 * @param why what the setting does and the reason for its default
 * @param parser turns text into the value; throws IllegalArgumentException with the expected form
 */
public record Setting<T>(
    String key,
    String form,
    Optional<String> standard,
    boolean required,
    String why,
    Function<String, T> parser) {

  /** Free text. */
  public static Setting<String> text(String key, String standard, String why) {
    return new Setting<>(key, "text", Optional.of(standard), false, why, Function.identity());
  }

  /** A file or folder. */
  public static Setting<Path> path(String key, String standard, String why) {
    return new Setting<>(key, "path", Optional.of(standard), false, why, Path::of);
  }

  /** {@code true} or {@code false}. */
  public static Setting<Boolean> flag(String key, boolean standard, String why) {
    return new Setting<>(key, "true|false", given(standard), false, why, Setting::parseFlag);
  }

  /** A whole number from {@code min} to {@code max}, both included. */
  public static Setting<Integer> integer(String key, int standard, int min, int max, String why) {
    String form = "%d to %d".formatted(min, max);
    return new Setting<>(key, form, given(standard), false, why, t -> parseInt(t, min, max));
  }

  /** A span of time: a whole number and a unit of {@code ms, s, m, h, d}. */
  public static Setting<Duration> duration(String key, Duration standard, String why) {
    return new Setting<>(
        key, "500ms, 10s, 5m, 24h, 7d", given(Units.format(standard)), false, why, Units::duration);
  }

  /** A number of bytes: a whole number and a unit of {@code B, KiB, MiB, GiB}. */
  public static Setting<Long> size(String key, String standard, String why) {
    return new Setting<>(
        key, "65536B, 64KiB, 4MiB, 1GiB", Optional.of(standard), false, why, Units::bytes);
  }

  /** One of an enum's constants, written in lower case with dashes. */
  public static <E extends Enum<E>> Setting<E> choice(String key, E standard, String why) {
    Class<E> type = standard.getDeclaringClass();
    String form =
        Arrays.stream(type.getEnumConstants()).map(Setting::name).collect(Collectors.joining("|"));
    return new Setting<>(
        key, form, Optional.of(name(standard)), false, why, t -> parseChoice(t, type, form));
  }

  /** The same setting without a default: a start without it is an error. */
  public Setting<T> withoutDefault() {
    return new Setting<>(key, form, Optional.empty(), true, why, parser);
  }

  /** The same setting, absent unless given. */
  public Setting<Optional<T>> optional() {
    return new Setting<>(
        key, form, Optional.empty(), false, why, parser.andThen(Optional::ofNullable));
  }

  /** The environment variable that sets it. */
  public String environmentVariable() {
    return "CULVERT_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  T parse(String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      String problem = "'%s' is not %s (%s)".formatted(text, form, e.getMessage());
      throw new InvalidSettingException(key, problem);
    }
  }

  private static Optional<String> given(Object value) {
    return Optional.of(value.toString());
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static boolean parseFlag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("write true or false");
    };
  }

  private static int parseInt(String text, int min, int max) {
    int value = Integer.parseInt(text);
    if (value < min || value > max) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }

  private static <E extends Enum<E>> E parseChoice(String text, Class<E> type, String form) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> name(constant).equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("choose one of " + form));
  }
}
