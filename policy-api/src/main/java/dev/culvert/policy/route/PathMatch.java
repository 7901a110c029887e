// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

/**
 * How a path must look. Exact is more specific than any expression, an expression than any prefix,
 * and among these the longer one.
 */
public sealed interface PathMatch {
  /** Every path. */
  PathMatch ANY = new Prefix("/");

  /** Whether the path looks so. */
  boolean matches(String path);

  /** Higher wins. */
  int specificity();

  /** The whole path, letter by letter. */
  record Exact(String path) implements PathMatch {
    /** Throws IllegalArgumentException when the path does not begin with a slash. */
    public Exact {
      requireAbsolute(path);
    }

    @Override
    public boolean matches(String candidate) {
      return candidate.equals(path);
    }

    @Override
    public int specificity() {
      return Integer.MAX_VALUE;
    }
  }

  /**
   * A prefix of whole path elements: {@code /a} takes {@code /a} and {@code /a/b}, not {@code /ab}.
   */
  record Prefix(String path) implements PathMatch {
    /** Throws IllegalArgumentException when the path does not begin with a slash. */
    public Prefix {
      requireAbsolute(path);
      path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    @Override
    public boolean matches(String candidate) {
      return candidate.startsWith(path)
          && (candidate.length() == path.length() || candidate.charAt(path.length()) == '/');
    }

    @Override
    public int specificity() {
      return path.length();
    }
  }

  /** A path that an expression describes as a whole. */
  record Expression(Regex regex) implements PathMatch {
    @Override
    public boolean matches(String candidate) {
      return regex.matches(candidate);
    }

    @Override
    public int specificity() {
      return Integer.MAX_VALUE / 2 + regex.length();
    }
  }

  /**
   * A method of any gRPC service: {@code /SERVICE/METHOD}. What a service is named for is more
   * specific (GRPCRouteRule.matches).
   */
  record AnyService(String method) implements PathMatch {
    @Override
    public boolean matches(String candidate) {
      int slash = candidate.indexOf('/', 1);
      return slash > 1
          && candidate.length() - slash - 1 == method.length()
          && candidate.endsWith(method);
    }

    @Override
    public int specificity() {
      return 0;
    }
  }

  private static void requireAbsolute(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a path begins with /, this does not: '" + path + "'");
    }
  }
}
