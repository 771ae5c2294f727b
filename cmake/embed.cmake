# Puts text files into the program.
#
#   dragoman_embed(LAYER FILE...)         in CMakeLists.txt: files of src/LAYER become variables of a layer's library, as
#                                         extern const std::string_view page_css; in namespace dragoman for page.css
#   dragoman_embed_folder(LAYER FOLDER)   all files of src/LAYER/FOLDER, as variables and as a list of them,
#                                         FOLDER_files, of the EmbeddedFile of LAYER/pages.h
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

function(dragoman_embed_folder layer folder)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src/${layer} ${CMAKE_SOURCE_DIR}/src/${layer}/${folder}/*)
  set(declarations "")
  set(entries "")
  foreach(file IN LISTS files)
    string(MAKE_C_IDENTIFIER ${file} variable)
    get_filename_component(name ${file} NAME)
    string(APPEND declarations "extern const std::string_view ${variable};\n")
    string(APPEND entries "    {\"${name}\", ${variable}},\n")
  endforeach()
  dragoman_embed(${layer} ${files})
  set(list "std::span<const EmbeddedFile>()")
  if(files)
    string(APPEND declarations "namespace {\nconst EmbeddedFile files[] = {\n${entries}};\n}\n")
    set(list "files")
  endif()
  set(target ${CMAKE_BINARY_DIR}/embedded/${layer}/${folder}_files.cc)
  file(GENERATE OUTPUT ${target} CONTENT "#include \"${layer}/pages.h\"\n\nnamespace dragoman {\n\n${declarations}\n\
const std::span<const EmbeddedFile> ${folder}_files = ${list};\n\n}  // namespace dragoman\n")
  target_sources(dragoman_${layer} PRIVATE ${target})
endfunction()
