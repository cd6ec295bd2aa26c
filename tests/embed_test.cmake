# Installs the library beside the build, builds the example against what was installed, and runs it twice.
# cmake -D BUILD=… -D SOURCE=… -D WORK=… -D COMPILER=… -P embed_test.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}: ${failed}\n${said}")
  endif()
  set(output "${said}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component nmstore-dev --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/embed -B ${WORK}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/embed ${WORK}/data)
run(${WORK}/build/embed ${WORK}/data)
if(NOT output MATCHES "kitchen: 21.5" OR NOT output MATCHES "/var/log/embed: the door was closed" OR
   NOT output MATCHES "opened 2 times")
  message(FATAL_ERROR "the example says:\n${output}")
endif()
