# Puts text files into the program.
#
#   dragoman_embed(LAYER FILE...)         in CMakeLists.txt: files of src/LAYER become variables of a layer's library, as
#                                         extern const std::string_view page_css; in namespace dragoman for page.css
#   dragoman_embed_page(LAYER FOLDER)     all files of src/LAYER/FOLDER as FOLDER_files, of the EmbeddedFile of
#                                         LAYER/pages.h, stripped and compressed by tools/embed
#
# Run as a script it makes the source: cmake -DSOURCE=page.css -DTARGET=page_css.cc [-DVARIABLE=page_css] -P embed.cmake

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${SOURCE}" text)
  get_filename_component(name "${SOURCE}" NAME)
  string(MAKE_C_IDENTIFIER "${name}" variable)
  if(VARIABLE)
    set(variable ${VARIABLE})
  endif()
  string(FIND "${text}" ")~embedded~\"" end_of_literal)
  if(NOT end_of_literal EQUAL -1)
    message(FATAL_ERROR "${SOURCE} holds what ends the literal that it is to become")
  endif()
  file(WRITE "${TARGET}" "// Made from ${name}.\n#include <string_view>\n\nnamespace dragoman {\n\n"
       "extern const std::string_view ${variable};\n"
       "constinit const std::string_view ${variable} = R\"~embedded~(${text})~embedded~\";\n\n}  // namespace dragoman\n")
  return()
endif()

set(dragoman_embed_script ${CMAKE_CURRENT_LIST_FILE})
function(dragoman_embed layer)
  foreach(file IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER ${file} variable)
    set(source ${CMAKE_SOURCE_DIR}/src/${layer}/${file})
    set(target ${CMAKE_BINARY_DIR}/embedded/${layer}/${variable}.cc)
    add_custom_command(OUTPUT ${target} DEPENDS ${source} ${dragoman_embed_script} VERBATIM
                       COMMAND ${CMAKE_COMMAND} -DSOURCE=${source} -DTARGET=${target} -DVARIABLE=${variable}
                               -P ${dragoman_embed_script})
    target_sources(dragoman_${layer} PRIVATE ${target})
  endforeach()
endfunction()

add_executable(embed_page tools/embed/embed_page.cc tools/embed/strip.cc tools/embed/bundle.cc)
target_link_libraries(embed_page PRIVATE dragoman_flags fmt::fmt Boost::iostreams)
function(dragoman_embed_page layer folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${layer}/${folder}/*)
  set(target ${CMAKE_BINARY_DIR}/embedded/${layer}/${folder}_files.cc)
  add_custom_command(OUTPUT ${target} DEPENDS ${files} embed_page VERBATIM
                     COMMAND embed_page ${target} ${CMAKE_BINARY_DIR}/embedded/${layer}/${folder} ${files})
  target_sources(dragoman_${layer} PRIVATE ${target})
endfunction()
