// SPDX-License-Identifier: Apache-2.0
package dev.culvert.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Each fuzz test over inputs made of its corpus, the same ones every time: what {@code verify} can
 * afford. {@code scripts/fuzz} is the search that is led by coverage.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoundedRunTest {
  private static final int INPUTS = 3000;
  private static final long SEED = 20_261_126;

  @Test
  void everyTestHasACorpus() throws IOException {
    assertThat(FuzzTests.all()).hasSizeGreaterThan(15);
    for (Method test : FuzzTests.all()) {
      assertThat(FuzzTests.corpus(test)).as(FuzzTests.name(test)).isNotEmpty();
    }
  }

  @TestFactory
  Stream<DynamicTest> holdsForInputsMadeOfTheCorpus() {
    return FuzzTests.all().stream()
        .map(test -> DynamicTest.dynamicTest(FuzzTests.name(test), () -> run(test)));
  }

  private static void run(Method test) throws Exception {
    Constructor<?> constructor = test.getDeclaringClass().getDeclaredConstructor();
    constructor.setAccessible(true);
    test.setAccessible(true);
    Object instance = constructor.newInstance();
    List<byte[]> corpus = FuzzTests.corpus(test);
    Mutation mutation = new Mutation(SEED, corpus);
    for (int i = 0; i < INPUTS; i++) {
      call(test, instance, mutation.next());
    }
  }

  private static void call(Method test, Object instance, byte[] input) throws Exception {
    try {
      test.invoke(instance, input);
    } catch (InvocationTargetException e) {
      throw new AssertionError(
          "%s fails for the input (base64) %s"
              .formatted(FuzzTests.name(test), Base64.getEncoder().encodeToString(input)),
          e.getCause());
    }
  }
}
