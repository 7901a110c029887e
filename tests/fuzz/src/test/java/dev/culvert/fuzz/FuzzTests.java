// SPDX-License-Identifier: Apache-2.0
package dev.culvert.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;

/** Every fuzz test of this module, with its corpus where Jazzer looks for it. */
final class FuzzTests {
  private FuzzTests() {}

  static List<Method> all() {
    return ReflectionSupport.findAllClassesInPackage(
            "dev.culvert", type -> true, name -> name.endsWith("FuzzTest"))
        .stream()
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(FuzzTest.class))
        .toList();
  }

  static String name(Method test) {
    return test.getDeclaringClass().getName() + "." + test.getName();
  }

  static List<byte[]> corpus(Method test) throws IOException {
    Class<?> type = test.getDeclaringClass();
    Path folder = root().resolve(type.getPackageName().replace('.', '/'));
    try (Stream<Path> files =
        Files.list(folder.resolve(type.getSimpleName() + "Inputs").resolve(test.getName()))) {
      return files.sorted().map(FuzzTests::bytes).toList();
    }
  }

  private static Path root() {
    try {
      return Path.of(FuzzTests.class.getResource("/corpus.txt").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
