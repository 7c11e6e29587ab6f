const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Elements that are written. Of others, only the content is written. */
export const elements = words(`
  a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div
  dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd label li main mark menu nav ol p pre
  q rb rp rt rtc ruby s samp section small span strike strong style sub summary sup table tbody td tfoot th thead time
  tr tt u ul var wbr
  svg g path rect circle ellipse line polyline polygon text tspan textpath defs lineargradient radialgradient stop
  clippath mask pattern marker symbol use
  math mi mn mo ms mspace mtext mrow mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover
  munderover mmultiscripts mprescripts none mtable mtr mtd maction semantics menclose
`);

export const voidElements = words('br col hr img wbr');

/** Elements that are removed with their content: it is no text for a person, or a browser would read it in another way. */
export const removedElements = words(`
  script noscript template iframe frame frameset object embed applet noembed noframes xmp plaintext textarea select
  option title annotation annotation-xml foreignobject video audio canvas
`);

/** Attributes that are written. None of them runs a script or loads anything. */
export const attributes = words(`
  class id lang dir title role tabindex hidden open alt width height align valign border cellpadding cellspacing bgcolor
  color face size colspan rowspan span scope headers start reversed value datetime nowrap noshade clear
  viewbox d x y x1 x2 y1 y2 cx cy r rx ry fx fy dx dy points pathlength transform preserveaspectratio offset fill
  fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray
  stroke-dashoffset stroke-miterlimit stop-color stop-opacity opacity vector-effect clip-path clip-rule mask marker-start
  marker-mid marker-end markerwidth markerheight markerunits refx refy orient gradientunits gradienttransform
  spreadmethod patternunits patterncontentunits patterntransform text-anchor dominant-baseline baseline-shift
  font-family font-size font-style font-weight letter-spacing textlength lengthadjust startoffset rotate
  display mathvariant mathsize mathcolor mathbackground displaystyle scriptlevel stretchy fence separator form lspace
  rspace minsize maxsize largeop movablelimits symmetric accent accentunder linethickness columnalign columnspacing
  columnlines rowspacing rowlines frame framespacing depth voffset notation
`);
